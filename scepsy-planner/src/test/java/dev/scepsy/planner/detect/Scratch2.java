package dev.scepsy.planner.detect;
import dev.scepsy.planner.share.ModelPart;
import java.util.*;
class Scratch2 {
  public static void main(String[] a){
    int seeds=Integer.parseInt(a[0]); double hours=Double.parseDouble(a[1]); 
    for (SimulatedWorkflow.Kind k : SimulatedWorkflow.Kind.values()) { if (a.length>2 && !a[2].contains(k.name())) continue;
      int alarms=0, first=0; long n=0; Map<String,Integer> by=new TreeMap<>();
      for (int s=0;s<seeds;s++){ SimulatedWorkflow w=new SimulatedWorkflow(k,s+100,360); DriftDetector d=new DriftDetector("w"); long start=w.now(); long total=0;
        while(w.now()-start<hours*SimulatedWorkflow.NANOS_PER_HOUR){ var parts=w.next(); n++; long ref=d.executions(); var c=d.take(w.now(),parts); if(c.isPresent()){ alarms++; if(w.now()-start<36*SimulatedWorkflow.NANOS_PER_HOUR) first++; by.merge(c.get().estimate()+(ref<300?"<300":ref<1000?"<1000":""),1,Integer::sum);  } } }
      System.out.printf("%s alarms %d (first 36 h %d) in %d %s%n",k,alarms,first,n,by);
    }
  }
}
